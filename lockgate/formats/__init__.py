"""All formats of Lockgate: a strict loader, a JSON Schema and a typed reader for each."""

from lockgate.formats.decision_record import (
    DECISIONS_BRANCH,
    DECISIONS_FOLDER,
    LARGEST_RECORD,
    UNKNOWN,
    DecisionRecord,
    RecordedMerge,
    Versions,
    Vote,
    read_decision_record,
    record_path,
    recorded_number,
    write_decision_record,
)
from lockgate.formats.directory_manifest import (
    DirectoryFile,
    DirectoryManifest,
    read_directory_manifest,
    write_directory_manifest,
)
from lockgate.formats.dvc_file import DvcFile, read_dvc_file, write_dvc_file
from lockgate.formats.governance import (
    Approvals,
    DisclosureLimits,
    Governance,
    NodePolicy,
    Service,
    read_governance,
)
from lockgate.formats.job_request import (
    Account,
    JobRequest,
    OutputChoice,
    read_job_request,
    write_job_request,
)
from lockgate.formats.job_type import (
    JobType,
    OutputDeclaration,
    ParameterProblem,
    check_parameters,
    read_job_type,
)
from lockgate.formats.kinds import Kind
from lockgate.formats.loader import Document, load, load_document
from lockgate.formats.manifest import (
    Disclosure,
    Finding,
    Manifest,
    ManifestOutput,
    read_manifest,
    write_manifest,
)
from lockgate.formats.names import (
    is_name,
    is_output_name,
    is_parameter_name,
    new_request_id,
    request_id_problem,
)
from lockgate.formats.node import Node, NodeApp, PortalIdentity, Storage, read_node
from lockgate.formats.problems import JSON, FormatError, Problem
from lockgate.formats.project import Project, read_project
from lockgate.formats.times import moment, stamp

__all__ = [
    "DECISIONS_BRANCH",
    "DECISIONS_FOLDER",
    "JSON",
    "LARGEST_RECORD",
    "UNKNOWN",
    "Account",
    "Approvals",
    "DecisionRecord",
    "DirectoryFile",
    "DirectoryManifest",
    "Disclosure",
    "DisclosureLimits",
    "Document",
    "DvcFile",
    "Finding",
    "FormatError",
    "Governance",
    "JobRequest",
    "JobType",
    "Kind",
    "Manifest",
    "ManifestOutput",
    "Node",
    "NodeApp",
    "NodePolicy",
    "OutputChoice",
    "OutputDeclaration",
    "ParameterProblem",
    "PortalIdentity",
    "Problem",
    "Project",
    "RecordedMerge",
    "Service",
    "Storage",
    "Versions",
    "Vote",
    "check_parameters",
    "is_name",
    "is_output_name",
    "is_parameter_name",
    "load",
    "load_document",
    "moment",
    "new_request_id",
    "read_decision_record",
    "read_directory_manifest",
    "read_dvc_file",
    "read_governance",
    "read_job_request",
    "read_job_type",
    "read_manifest",
    "read_node",
    "read_project",
    "record_path",
    "recorded_number",
    "request_id_problem",
    "stamp",
    "write_decision_record",
    "write_directory_manifest",
    "write_dvc_file",
    "write_job_request",
    "write_manifest",
]
