"""The deliveries that a keeper takes in: begun with an event, ended with one, and gone on with after a crash."""

from __future__ import annotations

import os
from pathlib import Path

from unburnt.base.errors import OutOfSpace, UnburntError
from unburnt.flow.delivery import Delivery
from unburnt.flow.inbox import Arrived, Inbox, Walked
from unburnt.flow.stores import Stores
from unburnt.model.events import AccessionBegan, AccessionEnded


class Deliveries:
    """Used by the keeper's own thread only; each delivery walks its source in a thread of its own."""

    def __init__(self, stores: Stores, inbox: Inbox) -> None:
        self._stores = stores
        self._inbox = inbox
        self._all: dict[str, Delivery] = {}

    @property
    def are_running(self) -> bool:
        """Whether any source is still being walked."""
        return any(not delivery.walked.is_set() for delivery in self._all.values())

    @property
    def items(self) -> int:
        """How many items were new."""
        return sum(delivery.new_items for delivery in self._all.values())

    @property
    def bytes(self) -> int:
        """How many bytes were copied."""
        return sum(delivery.received_bytes for delivery in self._all.values())

    @property
    def messages(self) -> list[str]:
        """Why deliveries broke off, and what they left out, for people."""
        broken_off = [str(delivery.error) for delivery in self._all.values() if delivery.error is not None]
        left_out = sum(delivery.left_out for delivery in self._all.values())
        if left_out:
            broken_off.append(f"{left_out} files hold what was erased before and were not taken in again "
                              "(unburnt add --readmit takes them).")
        return broken_off

    def begin(self, source: Path, note: str, *, readmit: bool = False) -> str:
        """Start to take *source* in, or go on with it; gives the delivery's id.

        A source that was received whole gets a new delivery only when something in it is new.
        """
        everything = self._stores.catalog.accessions()
        known = [one for one in everything if one.source == os.fsencode(source)]
        unfinished = next((one for one in known if not one.complete), None)
        running = [one for one in self._all.values() if not one.walked.is_set()]
        for delivery in running:
            if delivery.source == source:
                return delivery.accession
        accession = unfinished.id if unfinished else f"d{len(everything) + sum(not d.begun for d in running) + 1}"
        delivery = Delivery(
            accession, source, {one.id for one in known}, objects=self._stores.objects,
            catalog=self._stores.catalog, inbox=self._inbox, layout=self._stores.layout, note=note,
            begun=unfinished is not None, readmit=readmit,
        )
        if not known:
            self._say_begun(delivery)
        self._all[accession] = delivery
        delivery.start()
        return accession

    def arrived(self, message: Arrived) -> None:
        """Record entries whose bytes are staged."""
        self._say_begun(self._all[message.accession])
        self._stores.recorder.receive(message.accession, message.batch)

    def walked(self, message: Walked) -> None:
        """Record a delivery's end, or that it broke off: then the next run goes on with it."""
        delivery = self._all[message.accession]
        if isinstance(message.error, OutOfSpace):
            raise message.error  # the archive's own disk: nothing more can be recorded now
        if delivery.begun:
            self._stores.recorder.happened(AccessionEnded(
                accession=message.accession, items=delivery.new_items, complete=message.error is None,
            ))
        delivery.walked.set()

    def failure_of(self, accession: str) -> UnburntError | None:
        """Why a delivery broke off, if it did."""
        return self._all[accession].error

    def _say_begun(self, delivery: Delivery) -> None:
        if not delivery.begun:
            delivery.begun = True
            self._stores.recorder.happened(AccessionBegan(
                accession=delivery.accession, source=os.fsencode(delivery.source), note=delivery.note,
            ))
