"""scripts/release, which builds and checks the files of a release, and uploads nothing."""
