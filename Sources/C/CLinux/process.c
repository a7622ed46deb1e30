#define _GNU_SOURCE
#include "process.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Only calls that are safe after fork in a program with threads (signal-safety(7)).
static int prepare(pid_t parent, const unsigned char *cpus, size_t cpu_bytes, const unsigned long *nodes,
                   size_t node_bits, int input, int output, int errors, int report) {
  if (setpgid(0, 0) < 0) return errno;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return errno;
  // The parent may have ended before the call above.
  if (getppid() != parent) return ESRCH;
  if (cpus && sched_setaffinity(0, cpu_bytes, (const cpu_set_t *)cpus) < 0) return errno;
  if (nodes && syscall(SYS_set_mempolicy, MPOL_BIND, nodes, node_bits + 1) < 0) return errno;
  // Without O_CLOEXEC: where standard input was closed this is descriptor 0 itself, and dup2 changes nothing.
  int from = input >= 0 ? input : open("/dev/null", O_RDONLY);
  if (from < 0 || dup2(from, 0) < 0) return errno;
  if (dup2(output, 1) < 0 || dup2(errors, 2) < 0) return errno;
  if (dup2(report, 3) < 0 || fcntl(3, F_SETFD, FD_CLOEXEC) < 0) return errno;
  if (syscall(SYS_close_range, 4u, ~0u, 0u) < 0)
    for (int descriptor = 4; descriptor < 1024; descriptor++) close(descriptor);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  return 0;
}

// Moves a descriptor above those that a child gets. Without one left it is closed.
static int raised(int descriptor) {
  int above = fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
  int failure = errno;
  close(descriptor);
  errno = failure;
  return above;
}

// A parent that ignores SIGCHLD, as a program inherits it, has its children reaped by the kernel, and wait4
// knows no status of them (sigaction(2), SA_NOCLDWAIT).
static int keep_children(void) {
  struct sigaction action;
  if (sigaction(SIGCHLD, NULL, &action) < 0) return -1;
  if (action.sa_handler != SIG_IGN && !(action.sa_flags & SA_NOCLDWAIT)) return 0;
  if (action.sa_handler == SIG_IGN) action.sa_handler = SIG_DFL;
  action.sa_flags &= ~SA_NOCLDWAIT;
  return sigaction(SIGCHLD, &action, NULL);
}

pid_t tbx_spawn(const char *program, char *const *arguments, char *const *environment,
                const unsigned char *cpus, size_t cpu_bytes, const unsigned long *nodes, size_t node_bits,
                int input, int output, int errors) {
  int ends[2];
  if (keep_children() < 0 || pipe2(ends, O_CLOEXEC) < 0) return -1;
  // Above those that the child gets, so that dup2 overwrites none that is still needed.
  int report = raised(ends[1]);
  if (report < 0) {
    int failure = errno;
    close(ends[0]);
    errno = failure;
    return -1;
  }
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    int failure = prepare(parent, cpus, cpu_bytes, nodes, node_bits, input, output, errors, report);
    if (!failure) {
      execvpe(program, arguments, environment);
      failure = errno;
      report = 3;
    }
    ssize_t written = write(report, &failure, sizeof failure);
    _exit(written == sizeof failure ? 127 : 126);
  }
  int failure = child < 0 ? errno : 0;
  close(report);
  if (child > 0) {
    ssize_t count;
    do count = read(ends[0], &failure, sizeof failure);
    while (count < 0 && errno == EINTR);
    // Nothing comes when exec closed the pipe.
    if (count != sizeof failure) failure = 0;
    if (failure) {
      int status;
      waitpid(child, &status, 0);
    }
  }
  close(ends[0]);
  if (failure) {
    errno = failure;
    return -1;
  }
  return child;
}

int tbx_wait(pid_t process, int blocks, int *status, struct rusage *usage) {
  pid_t ended;
  do ended = wait4(process, status, blocks ? 0 : WNOHANG, usage);
  while (ended < 0 && errno == EINTR);
  return ended < 0 ? -1 : ended == process;
}

int tbx_pipe(int *ends) {
  int low[2];
  if (pipe2(low, O_CLOEXEC) < 0) return -1;
  // In a program whose standard descriptors are closed the ends would be those, and dup2 in the child
  // would overwrite one that is still needed.
  ends[0] = raised(low[0]);
  int failure = errno;
  ends[1] = raised(low[1]);
  if (ends[1] < 0) failure = errno;
  if (ends[0] >= 0 && ends[1] >= 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0) return 0;
  if (ends[0] >= 0 && ends[1] >= 0) failure = errno;
  for (int end = 0; end < 2; end++)
    if (ends[end] >= 0) close(ends[end]);
  errno = failure;
  return -1;
}

int tbx_signal_at_parent_end(int signal, pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, signal) < 0) return -1;
  // It may have ended before the call above.
  if (getppid() == parent) return 0;
  errno = ESRCH;
  return -1;
}
