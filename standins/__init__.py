"""Stand-ins for outside systems, served locally to true clients. They import no app."""
