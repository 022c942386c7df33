"""Tensors in, plotly figures out. Nothing is computed here beyond where to draw; no Streamlit."""
