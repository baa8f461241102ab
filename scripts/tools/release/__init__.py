"""scripts/release: builds and checks what a release consists of, and uploads nothing."""
