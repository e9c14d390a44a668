"""Posture: what GitHub would let through in a repository.

`facts` is what GitHub says of it, finished and frozen; `rules` judges, purely; `findings` holds the words;
`reading` gathers the facts, `rows` keeps what was found, `steps` does both from time to time.
"""
