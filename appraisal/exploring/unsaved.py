"""What JupyterLab saves of a notebook: its cells, never what they showed.

`make lab` names `without_outputs` as the server's pre-save hook. What an explore notebook shows may hold single scores,
which belong on the screen and nowhere else.
"""

from __future__ import annotations

from typing import Any


def without_outputs(model: dict[str, Any], **_server: object) -> None:
    """Take outputs, counts and the state of widgets out of a notebook that is about to be saved.

    Parameters
    ----------
    model : dict
        As the contents manager of jupyter_server hands it to ``ContentsManager.pre_save_hook``; changed in place.
    **_server
        `path` and `contents_manager`, of no account.
    """
    if model.get("type") != "notebook" or not model.get("content"):
        return
    notebook = model["content"]
    notebook.get("metadata", {}).pop("widgets", None)
    for cell in notebook.get("cells", []):
        if cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None
            cell.get("metadata", {}).pop("execution", None)
