// Stands in for irqbalance: its control socket as irqbalance.c (sock_handle) serves it, one command
// a connection. Prints nothing; ends after ten seconds.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int main(int count, char **arguments) {
  alarm(60);
  if (count != 3) return 2;
  // A folder for a socket that is a file; "-" for one with an abstract name.
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  socklen_t size = sizeof address;
  if (strcmp(arguments[1], "-") == 0) {
    int length = snprintf(
        address.sun_path + 1, sizeof address.sun_path - 1, "irqbalance%s.sock", arguments[2]);
    size = sizeof(sa_family_t) + 1 + length;
  } else {
    snprintf(
        address.sun_path, sizeof address.sun_path, "%s/irqbalance%s.sock", arguments[1],
        arguments[2]);
  }
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 4) < 0) return 3;
  if (fork() != 0) return 0;
  char banned[16384] = " 7";
  for (;;) {
    int peer = accept(listener, NULL, NULL);
    char text[16384] = "";
    char control[CMSG_SPACE(sizeof(struct ucred))];
    struct iovec part = {text, sizeof text};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
        .msg_controllen = sizeof control};
    ssize_t length = recvmsg(peer, &message, 0);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    struct ucred *who = header && header->cmsg_type == SCM_CREDENTIALS
                            ? (struct ucred *)CMSG_DATA(header) : NULL;
    // The real one wants uid 0; here the caller's own will do.
    if (length > 0 && length < (ssize_t)sizeof text && who && who->uid == getuid()) {
      if (strncmp(text, "setup", 5) == 0) {
        char answer[65536] = "SLEEP 10 ";
        char copy[16384];
        strcpy(copy, banned);
        for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
          size_t used = strlen(answer);
          snprintf(
              answer + used, sizeof answer - used, "IRQ %s LOAD 0 DIFF 12 CLASS 5 ", word);
        }
        strcat(answer, "BANNED 0");
        send(peer, answer, strlen(answer), 0);
      } else if (strncmp(text, "settings ban irqs ", 18) == 0) {
        text[length] = 0;
        snprintf(banned, sizeof banned, " %s", text + 18);
        if (strncmp(text + 18, "NONE", 4) == 0) banned[0] = 0;
      }
    }
    close(peer);
  }
}
