"""What lies beside the API: sign-in, pages, Git over HTTP."""
