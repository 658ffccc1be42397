"""The door for the browser: `streamlit run app.py`, `python app.py`, or any ASGI server with `app:app`.

Shows the run that YIJIAN_RUN names, else the newest finished one; `yijian app --run DIR` names it for you.
"""

from __future__ import annotations

from ui.serve import make_app

app = make_app()

if __name__ == "__main__":
    app.run()
