"""The door: page configuration and the list of pages."""

from pathlib import Path

import streamlit as st

from explorer.components.chart import load_plotly
from explorer.process import settle

st.set_page_config(page_title="Reparameterization Explorer", page_icon="explorer/icon.svg", layout="wide")
page = st.navigation(
    {
        "": [st.Page("explorer/pages/start.py", title="Start", icon=":material/flag:", default=True)],
        "The trick": [
            st.Page(
                "explorer/pages/noise_then_transform.py", title="Noise, then transform", icon=":material/swap_vert:"
            ),
            st.Page(
                "explorer/pages/move_or_weigh.py",
                title="Samples move, or weights change",
                icon=":material/compare_arrows:",
            ),
        ],
        "The laboratory": [
            st.Page("explorer/pages/two_estimators.py", title="Two estimators", icon=":material/bar_chart:"),
            st.Page("explorer/pages/variance_curves.py", title="Variance curves", icon=":material/show_chart:"),
            st.Page("explorer/pages/descent.py", title="Descent", icon=":material/trending_down:"),
            st.Page(
                "explorer/pages/notebook_experiment.py", title="The notebook's experiment", icon=":material/science:"
            ),
            st.Page(
                "explorer/pages/score_size.py", title="The size of the score", icon=":material/stacked_line_chart:"
            ),
        ],
        "The model": [st.Page("explorer/pages/latent_space.py", title="Latent space", icon=":material/blur_on:")],
    },
    position="top",
)
st.html(Path(__file__).parent / "explorer" / "page.css")
load_plotly()
settle()
page.run()
