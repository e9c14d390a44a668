"""Pull requests: opened, following their branches, merged, closed."""
