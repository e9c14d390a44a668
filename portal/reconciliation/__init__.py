"""Reconciliation: GitHub, the portal, Dagster and publication storage held against each other.

`facts` is what each says of a project, finished and frozen; `rules` finds where they disagree, purely;
`findings` holds the words; `reading` gathers the facts from rows; `repairs` asks for what is safe to do.
"""
