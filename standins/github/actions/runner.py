"""The machine behind Actions: takes queued jobs, at most two at once, and posts how they came out."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from standins.github.actions import expressions
from standins.github.actions.assignments import Assigner, job_of
from standins.github.actions.environments import Environments
from standins.github.actions.job_run import JobRun, Outcome, clear
from standins.github.actions.posting import Checks
from standins.github.actions.process import Processes, Stopped
from standins.github.actions.workflow import Job
from standins.github.recording import record_crash
from standins.github.site import Site
from standins.github.store import CheckRun, WorkflowJob, WorkflowRun

log = logging.getLogger(__name__)
AT_ONCE = 2
SECONDS_TO_STOP = 5


@dataclass(frozen=True)
class _Claim:
    row: WorkflowJob
    run: WorkflowRun
    job: Job
    needs_failed: bool


class Runner:
    """`wake()` after new jobs are queued; `stop()` ends what runs, to be run again at the next start."""

    def __init__(self, site: Site, checks: Checks, environments: Environments) -> None:
        self._site = site
        self._checks = checks
        self._assigner = Assigner(site, checks.app_id, environments)
        self._news = threading.Condition()
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._active: set[Processes] = set()

    def take_up(self) -> None:
        """What was running when the stand-in ended is run again from its beginning."""
        store = self._site.store
        for row in store.find(WorkflowJob, state="running"):
            told = store.get(CheckRun, row.check_run_id).status == "completed"
            store.update(row, state="done" if told else "queued")
        if self._site.store.first(WorkflowJob, state="queued"):
            self.wake()

    def wake(self) -> None:
        with self._news:
            while not self._stopping and len(self._threads) < AT_ONCE:
                name = f"actions-{len(self._threads)}"
                self._threads.append(threading.Thread(target=self._work, name=name, daemon=True))
                self._threads[-1].start()
            self._news.notify_all()

    def stop(self) -> None:
        with self._news:
            self._stopping = True
            for processes in self._active:
                processes.stop()
            self._news.notify_all()
        for thread in self._threads:
            thread.join(SECONDS_TO_STOP)

    def _work(self) -> None:
        while True:
            processes = Processes()
            with self._news:
                claim = self._claim()
                while claim is None and not self._stopping:
                    self._news.wait()
                    claim = self._claim()
                if self._stopping or claim is None:
                    return
                self._active.add(processes)
            try:
                self._run(claim, processes)
            except Stopped:
                return
            except Exception as error:
                log.exception("the outcome of job %s of %s is lost", claim.job.id, claim.run.path)
                if not self._stopping:
                    record_crash(f"the outcome of job {claim.job.id} of {claim.run.path}", error)
            finally:
                self._active.discard(processes)

    def _claim(self) -> _Claim | None:
        """The oldest queued job whose needs are all done. Called with the lock held."""
        store = self._site.store
        for row in store.find(WorkflowJob, state="queued"):
            run = store.get(WorkflowRun, row.run_id)
            job = job_of(run, row.key)
            needed = [one for one in store.find(WorkflowJob, run_id=run.id) if one.key in job.needs]
            if all(one.state == "done" for one in needed):
                ends = [store.get(CheckRun, one.check_run_id).conclusion for one in needed]
                claimed = store.update(row, state="running")
                return _Claim(claimed, run, job, any(end != "success" for end in ends))
        return None

    def _run(self, claim: _Claim, processes: Processes) -> None:
        store = self._site.store
        check = store.get(CheckRun, claim.row.check_run_id)
        if expressions.holds(claim.job.condition, failed=claim.needs_failed):
            check = self._checks.start(check)
            outcome = self._outcome(claim, processes)
        else:
            outcome = Outcome(conclusion="skipped")
        if self._stopping:
            raise Stopped
        self._keep_log(check, outcome.log)
        self._checks.finish(check, outcome.conclusion, outcome.title, outcome.summary, outcome.annotations)
        store.update(claim.row, state="done")
        self.wake()

    def _outcome(self, claim: _Claim, processes: Processes) -> Outcome:
        place = self._site.data / "actions" / "work" / str(claim.row.id)
        clear(place)
        try:
            return JobRun(self._assigner.assign(claim.run, claim.job, place), processes).run()
        except Stopped:
            raise
        except Exception as error:
            if self._stopping:
                raise Stopped from error
            log.exception("job %s of %s broke", claim.job.id, claim.run.path)
            record_crash(f"job {claim.job.id} of {claim.run.path}", error)
            return Outcome("failure", f"The runner broke: {type(error).__name__}: {error}")
        finally:
            clear(place)

    def _keep_log(self, check: CheckRun, text: str) -> None:
        file = log_file(self._site, check.id)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def log_file(site: Site, check: int) -> Path:
    """Where the log of a job's check run is kept."""
    return site.data / "actions" / "logs" / f"{check}.txt"
