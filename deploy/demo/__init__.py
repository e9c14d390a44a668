"""The demo: every part of Lockgate, real, on one machine, on loopback."""
