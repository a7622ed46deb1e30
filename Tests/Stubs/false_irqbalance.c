// A process that passes itself off as irqbalance: its program has that name, and it listens on the
// abstract socket of its own process id, as irqbalance.c (init_socket) does without its folder.
// Prints its process id once it listens, and stays for ten minutes unless it is killed.
//   huge    answers with an interrupt number of 64 bits
//   slow    sends a byte every 300 ms and never ends
//   silent  takes the question and says nothing
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int serve(const char *mode) {
  for (;;) {
    char question[64];
    int peer = accept(0, NULL, NULL);
    if (peer < 0 || read(peer, question, sizeof question) <= 0) continue;
    if (strcmp(mode, "huge") == 0) {
      const char *answer = "SLEEP 10 IRQ 9223372036854775807 LOAD 0 DIFF 0 CLASS 5 BANNED 0";
      write(peer, answer, strlen(answer));
    } else if (strcmp(mode, "slow") == 0) {
      while (write(peer, "S", 1) == 1) usleep(300000);
    } else {
      sleep(600);
    }
    close(peer);
  }
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  int ready[2];
  if (pipe(ready) != 0) return 3;
  pid_t child = fork();
  if (child != 0) {
    char listening;
    if (read(ready[0], &listening, 1) != 1) return 4;
    printf("%d\n", child);
    return 0;
  }
  alarm(600);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int length = snprintf(
      address.sun_path + 1, sizeof address.sun_path - 1, "irqbalance%d.sock", (int)getpid());
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 4) < 0) return 5;
  dup2(listener, 0);
  write(ready[1], "1", 1);
  // Nothing of the caller stays open: it waits until nobody holds its descriptors any more.
  for (int descriptor = 1; descriptor < 1024; descriptor++) close(descriptor);
  return serve(arguments[1]);
}
