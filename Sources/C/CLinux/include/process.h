// A program with everything it starts in a process group of its own, placed before it runs.
#pragma once
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

/// Starts a program. Between fork and exec the child makes a process group, dies with the thread that
/// started it (PR_SET_PDEATHSIG), keeps to CPUs and memory nodes, and has no descriptor but these three.
/// A SIGCHLD that is ignored gets its default in this process: tbx_wait would know no status.
/// @param cpus bytes of a CPU mask (sched_setaffinity(2)); NULL leaves the CPUs alone.
/// @param nodes words of a node mask (set_mempolicy(2), MPOL_BIND); NULL leaves the policy alone.
/// @param input descriptor of its standard input, at least 3; -1 for one that ends at once.
/// @param output, errors descriptors of its standard output and error.
/// @returns the process id, or -1 with errno: that of the step that failed, in the child too.
pid_t tbx_spawn(const char *_Nonnull program, char *_Nullable const *_Nonnull arguments,
                char *_Nullable const *_Nonnull environment, const unsigned char *_Nullable cpus,
                size_t cpu_bytes, const unsigned long *_Nullable nodes, size_t node_bits, int input,
                int output, int errors);

/// Waits for a process. @returns 1 when it has ended, 0 when it runs, -1 with errno.
int tbx_wait(pid_t process, int blocks, int *_Nonnull status, struct rusage *_Nonnull usage);

/// A pipe: its reading end (0), which does not block, and its writing end (1). Both go at exec, and are no
/// standard descriptors. @returns 0, or -1 with errno and no end left open.
int tbx_pipe(int *_Nonnull ends);

/// Asks for a signal when the thread that started this process ends (prctl(2), PR_SET_PDEATHSIG), in place of
/// the SIGKILL that tbx_spawn arranged. @returns 0, or -1 with errno: ESRCH when `parent` is the parent no more.
int tbx_signal_at_parent_end(int signal, pid_t parent);
