"""One deed for many records: asked for and rehearsed, done in the background, reported record by record, taken back.

`asking.request_bulk` freezes the records, `previewing.preview` says what would become of them, `working.start` hands
them to a worker with the rights that the person has then (A17), `asking.request_undo` asks for the way back. What one
record may refuse, a thousand refuse alike: the deed is done by the record type's own action or its steps for many.
"""
