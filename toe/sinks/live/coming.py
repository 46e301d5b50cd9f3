"""What of a run is still to come, as far as its events have told: of the phase, the document, the run."""

from __future__ import annotations

from toe.model import Document
from toe.sinks.live.model import ViewModel
from toe.sinks.terminal_text import printable
from toe.words import counted


def coming(model: ViewModel, most: int) -> list[str]:
    """At most so many lines, in their order: steps, phases, documents; the last one says how many more there are."""
    if most < 1 or model.position >= len(model.documents):
        return []
    outermost = next((part.step for part in model.open if part.step is not None), None)
    if outermost is None:
        return []
    document = model.documents[model.position]
    phases = [phase for phase in document.phases if not model.phases or phase.name in model.phases]
    names = [phase.name for phase in phases]
    if outermost.where.phase not in names:
        return []
    position = names.index(outermost.where.phase)
    later = phases[position].steps[outermost.position + 1 :]
    found = [f"    .  {step.name} ({step.action})" for step in later[:most]]
    hidden = len(later) - len(found)
    found += [f"  Phase {phase.name}: {counted(len(phase.steps), 'step')}" for phase in phases[position + 1 :]]
    found += [_document_line(document) for document in model.documents[model.position + 1 :]]
    if len(found) + hidden > most:
        found[most - 1 :] = [f"    ... and {len(found) + hidden - most + 1} more to come"]
    return found


def _document_line(document: Document) -> str:
    return f"Document {printable(document.path)}"
