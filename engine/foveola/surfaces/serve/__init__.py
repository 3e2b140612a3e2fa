"""The operations and recipes over HTTP, by the extra `serve`.

A request passes `guards` (log, token), finds its route in `app`, has its body read within `limits`, and is answered by
one of the `workers`, processes in which `work` reads the body, calls, and writes the answer. What is refused is a
`Refusal`. `document` says all of this as OpenAPI, from the same registry that the routes come from.
"""
