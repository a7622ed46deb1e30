// A call into a library that may hang, with a deadline.
#pragma once

/// Runs `body(context)` on a thread of its own and waits at most `milliseconds` for it.
/// Returns 0 when it is done; 1 when it is not, and then it goes on and `context` stays its own;
/// -1 when no thread could be made, and then `body` never runs.
int tbx_call_within(void (*body)(void *context), void *context, int milliseconds);
