"""Looks at outputs that are not released: bounded pages, made here, sealed to one viewer's key."""
