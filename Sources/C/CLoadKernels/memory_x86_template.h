// The kernels of one instruction set, from the steps that memory_x86.c defines before it includes
// this; no guard, since it is included once for each.

#define COPY(at) LOAD("b", at) STORE(at)
#define COPY_BYPASS(at) LOAD("b", at) BYPASS(at)
#define SCALE(at) LOAD("b", at) TIMES_SCALAR STORE(at)
#define SCALE_BYPASS(at) LOAD("b", at) TIMES_SCALAR BYPASS(at)
#define ADD(at) LOAD("b", at) PLUS("c", at) STORE(at)
#define ADD_BYPASS(at) LOAD("b", at) PLUS("c", at) BYPASS(at)
#define TRIAD(at) LOAD("c", at) TIMES_SCALAR_PLUS("b", at) STORE(at)
#define TRIAD_BYPASS(at) LOAD("c", at) TIMES_SCALAR_PLUS("b", at) BYPASS(at)
#define WRITE(at) SCALAR STORE(at)
#define WRITE_BYPASS(at) SCALAR BYPASS(at)

// Stores that bypass the caches are done when SFENCE is: the time of a slice includes them.
STREAM(NAME(copy), TARGET, SETUP, COPY, END)
STREAM(NAME(copy_bypass), TARGET, SETUP, COPY_BYPASS, END "sfence\n")
STREAM(NAME(scale), TARGET, SETUP, SCALE, END)
STREAM(NAME(scale_bypass), TARGET, SETUP, SCALE_BYPASS, END "sfence\n")
STREAM(NAME(add), TARGET, SETUP, ADD, END)
STREAM(NAME(add_bypass), TARGET, SETUP, ADD_BYPASS, END "sfence\n")
STREAM(NAME(triad), TARGET, SETUP, TRIAD, END)
STREAM(NAME(triad_bypass), TARGET, SETUP, TRIAD_BYPASS, END "sfence\n")
STREAM(NAME(write), TARGET, SETUP, WRITE, END)
STREAM(NAME(write_bypass), TARGET, SETUP, WRITE_BYPASS, END "sfence\n")

#define FOUR_STREAMS                                                            \
  EACH_SUM("p", "0", "0") EACH_SUM("q", "0", "1") EACH_SUM("r", "0", "2")       \
  EACH_SUM("s", "0", "3") "add $64, %[i]\n"
READ(NAME(read_1), TARGET, 1, bytes,
     EACH_SUM("p", "0", "0") EACH_SUM("p", "64", "1") EACH_SUM("p", "128", "2")
     EACH_SUM("p", "192", "3") "add $256, %[i]\n")
// Quarters of the slice; and four pages of 4 KiB beside each other.
READ(NAME(read_4), TARGET, 4, bytes / 4, FOUR_STREAMS)
READ(NAME(read_pages), TARGET, 4, 4096, FOUR_STREAMS)

#undef NAME
#undef TARGET
#undef SETUP
#undef END
#undef EACH
#undef LOAD
#undef TIMES_SCALAR
#undef PLUS
#undef TIMES_SCALAR_PLUS
#undef SCALAR
#undef STORE
#undef BYPASS
#undef CLEAR
#undef SUM
#undef EACH_SUM
#undef KEEP
#undef COPY
#undef COPY_BYPASS
#undef SCALE
#undef SCALE_BYPASS
#undef ADD
#undef ADD_BYPASS
#undef TRIAD
#undef TRIAD_BYPASS
#undef WRITE
#undef WRITE_BYPASS
#undef FOUR_STREAMS
