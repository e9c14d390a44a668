"""Figures of Lockgate, each beside a floor or peer of the same run."""
