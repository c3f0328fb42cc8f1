"""The exception registry (M4): a waiver of one line of one policy for one record, which ends by itself.

How to use it stands in docs/guide/gates.md. What a domain calls: `finding.excuses` and `finding.used` around a
decision; `registry.excusable`, `registry.never` and `registry.register_lapse_handler` in its `AppConfig.ready()`.
"""
