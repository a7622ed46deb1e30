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
                   size_t node_bits, int output, int errors, int report) {
  if (setpgid(0, 0) < 0) return errno;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return errno;
  // The parent may have ended before the call above.
  if (getppid() != parent) return ESRCH;
  if (cpus && sched_setaffinity(0, cpu_bytes, (const cpu_set_t *)cpus) < 0) return errno;
  if (nodes && syscall(SYS_set_mempolicy, MPOL_BIND, nodes, node_bits + 1) < 0) return errno;
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || dup2(null, 0) < 0) return errno;
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

pid_t tbx_spawn(const char *program, char *const *arguments, char *const *environment,
                const unsigned char *cpus, size_t cpu_bytes, const unsigned long *nodes, size_t node_bits,
                int output, int errors) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  // Above those that the child gets, so that dup2 overwrites none that is still needed.
  int report = fcntl(ends[1], F_DUPFD_CLOEXEC, 10);
  close(ends[1]);
  if (report < 0) {
    int failure = errno;
    close(ends[0]);
    errno = failure;
    return -1;
  }
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    int failure = prepare(parent, cpus, cpu_bytes, nodes, node_bits, output, errors, report);
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
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}
