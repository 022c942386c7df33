"""The tests mirror the package: tests/core for explorer/core, and so on."""
