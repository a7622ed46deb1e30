// Stands in for systemd: serves one D-Bus peer on a socket, with libsystemd's own server side, so
// that what is tested is what goes over the wire. Ends with its peer, or after ten seconds.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct sd_bus sd_bus;
typedef struct sd_bus_message sd_bus_message;
typedef struct { uint8_t bytes[16]; } sd_id128_t;
int sd_bus_new(sd_bus **);
int sd_bus_set_fd(sd_bus *, int, int);
int sd_bus_set_server(sd_bus *, int, sd_id128_t);
int sd_bus_set_anonymous(sd_bus *, int);
int sd_bus_start(sd_bus *);
int sd_bus_process(sd_bus *, sd_bus_message **);
int sd_bus_wait(sd_bus *, uint64_t);
int sd_bus_send(sd_bus *, sd_bus_message *, uint64_t *);
int sd_bus_message_is_method_call(sd_bus_message *, const char *, const char *);
int sd_bus_message_new_method_return(sd_bus_message *, sd_bus_message **);
int sd_bus_message_append(sd_bus_message *, const char *, ...);
int sd_bus_message_append_array(sd_bus_message *, char, const void *, size_t);
int sd_bus_message_read(sd_bus_message *, const char *, ...);
int sd_bus_message_read_array(sd_bus_message *, char, const void **, size_t *);
int sd_bus_message_open_container(sd_bus_message *, char, const char *);
int sd_bus_message_close_container(sd_bus_message *);
int sd_bus_reply_method_errorf(sd_bus_message *, const char *, const char *, ...);

static void unit(sd_bus_message *reply, const char *name, const char *summary) {
  sd_bus_message_append(
      reply, "(ssssssouso)", name, summary, "loaded", "failed", "failed", "", "/u", 0, "", "/");
}

static void answer(sd_bus *bus, sd_bus_message *call) {
  const char *manager = "org.freedesktop.systemd1.Manager";
  sd_bus_message *reply = NULL;
  if (sd_bus_message_is_method_call(call, manager, "ListUnitsFiltered")) {
    const char *state = NULL;
    sd_bus_message_read(call, "as", 1, &state);
    if (!state || strcmp(state, "failed") != 0) {
      sd_bus_reply_method_errorf(call, "org.example.No", "no units that are %s", state);
      return;
    }
    sd_bus_message_new_method_return(call, &reply);
    sd_bus_message_open_container(reply, 'a', "(ssssssouso)");
    unit(reply, "nvidia-persistenced.service", "NVIDIA Persistence Daemon");
    unit(reply, "raid.mount", "");
    sd_bus_message_close_container(reply);
  } else if (sd_bus_message_is_method_call(call, "org.example", "Echo")) {
    // sbutay comes back the other way round.
    const char *text = NULL;
    int flag = 0;
    uint32_t small = 0;
    uint64_t large = 0;
    const void *bytes = NULL;
    size_t size = 0;
    sd_bus_message_read(call, "sbut", &text, &flag, &small, &large);
    sd_bus_message_read_array(call, 'y', &bytes, &size);
    sd_bus_message_new_method_return(call, &reply);
    sd_bus_message_append_array(reply, 'y', bytes, size);
    sd_bus_message_append(reply, "tubso", large, small, flag, text, "/a/path");
    sd_bus_message_append(reply, "a{sv}", 1, "AllowedCPUs", "s", "0-3");
  } else if (sd_bus_message_is_method_call(call, "org.example", "Silence")) {
    return;
  } else {
    sd_bus_reply_method_errorf(call, "org.example.Denied", "Interactive authentication required.");
    return;
  }
  sd_bus_send(bus, reply, NULL);
}

int main(int count, char **arguments) {
  alarm(60);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (count != 2) return 2;
  // The name appears when the socket listens, not before.
  snprintf(address.sun_path, sizeof address.sun_path, "%s.new", arguments[1]);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) return 3;
  if (listen(listener, 1) < 0 || rename(address.sun_path, arguments[1]) < 0) return 4;
  int peer = accept(listener, NULL, NULL);
  sd_bus *bus = NULL;
  sd_id128_t id = {{1, 2, 3}};
  sd_bus_new(&bus);
  sd_bus_set_fd(bus, peer, peer);
  sd_bus_set_server(bus, 1, id);
  sd_bus_set_anonymous(bus, 1);
  if (sd_bus_start(bus) < 0) return 5;
  for (;;) {
    sd_bus_message *message = NULL;
    int done = sd_bus_process(bus, &message);
    if (done < 0) return 0;
    if (message) answer(bus, message);
    if (done == 0 && sd_bus_wait(bus, UINT64_MAX) < 0) return 0;
  }
}
