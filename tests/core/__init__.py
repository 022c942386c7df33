"""Tests of explorer/core. Those that iterate the registries cover whatever is added to them."""
