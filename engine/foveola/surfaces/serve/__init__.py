"""The operations and recipes over HTTP, by the extra `serve`.

`offer` says what is served. A request passes `guards` (log, token, faults), finds its route in `app`, has its body read
within `limits`, and is answered by one of the `workers`, processes in which `work` reads the body, calls, and writes
the answer. What is refused is a `Refusal`. `document` says all of this as OpenAPI, from the same offer that the routes
come from.
"""
