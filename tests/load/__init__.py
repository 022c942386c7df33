"""Tests of a server under several visitors at once, over Streamlit's websocket protocol, on loopback."""
