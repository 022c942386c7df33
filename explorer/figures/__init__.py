"""Tensors in, Plotly specifications out. Nothing is computed here beyond where to draw; no Streamlit, no Plotly."""
