// Filling a table of function pointers from a library that is opened at run time.
//
// A table lists its calls once, as `X(name)` for those that must be there and, behind them, those
// that an older library may lack. Its fields have the names and, by __typeof__, the types of the
// library's own header: a call with other arguments does not compile.
#pragma once
#include <stddef.h>

/// A field of a table that is always filled after a successful open.
#define TBX_FIELD(name) __typeof__(&name) _Nonnull name;
/// A field that is NULL where the library is older than the call.
#define TBX_OPTIONAL_FIELD(name) __typeof__(&name) _Nullable name;
/// The name of a call, for `tbx_resolve`.
#define TBX_NAME(name) #name,

/// Opens `library` and writes the address of each of `names` to `table`, in their order. The first
/// `required` of them must be there; others are NULL when they are not.
/// Returns 0; 1 when the library cannot be opened; 2 when a required call is missing. The reason is
/// written to `why`.
int tbx_resolve(
    void *_Nonnull table, const char *_Nonnull const *_Nonnull names, size_t count, size_t required,
    const char *_Nonnull library, char *_Nonnull why, size_t size);
