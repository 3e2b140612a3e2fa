"""The scripts here are run, not collected."""

collect_ignore_glob = ["*.py"]
