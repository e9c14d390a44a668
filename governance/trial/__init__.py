"""The trial: every call that Lockgate makes, made once against a scratch repository on the configured GitHub.

`record` writes down what each call came to; `app`, `person`, `administrator` and `node` are the groups, by
whose token is used; `deliveries`, `decisions` and `pull_request` are more of what the App does; `sign_in` is
what takes a browser; `scratch` is the repository, and how the trial leaves it.
"""
