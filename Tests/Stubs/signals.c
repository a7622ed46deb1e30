// Stands in for systemd's signals: `peer PATH` serves one D-Bus peer on a socket, `bus ADDRESS` has
// systemd's name on a bus. After Subscribe it sends signals, some of which nobody asked for. It ends
// then as a peer; on a bus with the bus. After twenty seconds in any case.
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
int sd_bus_set_address(sd_bus *, const char *);
int sd_bus_set_bus_client(sd_bus *, int);
int sd_bus_set_server(sd_bus *, int, sd_id128_t);
int sd_bus_set_anonymous(sd_bus *, int);
int sd_bus_start(sd_bus *);
int sd_bus_request_name(sd_bus *, const char *, uint64_t);
int sd_bus_process(sd_bus *, sd_bus_message **);
int sd_bus_wait(sd_bus *, uint64_t);
int sd_bus_flush(sd_bus *);
int sd_bus_emit_signal(
    sd_bus *, const char *, const char *, const char *, const char *, ...);
int sd_bus_message_is_method_call(sd_bus_message *, const char *, const char *);
const char *sd_bus_message_get_sender(sd_bus_message *);
int sd_bus_message_new_signal(
    sd_bus *, sd_bus_message **, const char *, const char *, const char *);
int sd_bus_message_append(sd_bus_message *, const char *, ...);
int sd_bus_send_to(sd_bus *, sd_bus_message *, const char *, uint64_t *);
int sd_bus_reply_method_return(sd_bus_message *, const char *, ...);

static const char *manager = "org.freedesktop.systemd1.Manager";
static const char *object = "/org/freedesktop/systemd1";

static void send_signals(sd_bus *bus) {
  sd_bus_emit_signal(bus, object, manager, "UnitNew", "so", "a.scope", "/unit/a");
  sd_bus_emit_signal(bus, object, manager, "StartupFinished", "tttttt", 1ul, 2ul, 3ul, 4ul, 5ul, 6ul);
  sd_bus_emit_signal(bus, "/elsewhere", manager, "UnitNew", "so", "b.scope", "/unit/b");
  sd_bus_emit_signal(
      bus, object, manager, "JobRemoved", "uoss", 7, "/job/7", "irqbalance.service", "done");
  sd_bus_emit_signal(bus, object, manager, "Reloading", "b", 1);
  sd_bus_emit_signal(bus, object, "elsewhere.Properties", "PropertiesChanged", "s", manager);
  sd_bus_emit_signal(
      bus, object, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", manager, 1,
      "NFailedUnits", "u", 3, 0);
  sd_bus_emit_signal(bus, object, manager, "UnitRemoved", "sa{sv}", "a.scope", 0);
}

// What anybody on a bus may do: a signal in systemd's name, to one listener alone.
static void forge_signal(sd_bus *bus, const char *listener) {
  sd_bus_message *forged = NULL;
  if (listener == NULL || sd_bus_message_new_signal(bus, &forged, object, manager, "UnitNew") < 0) return;
  sd_bus_message_append(forged, "so", "forged.scope", "/unit/forged");
  sd_bus_send_to(bus, forged, listener, NULL);
}

int main(int count, char **arguments) {
  alarm(60);
  if (count != 3) return 2;
  sd_bus *bus = NULL;
  if (strcmp(arguments[1], "bus") == 0) {
    sd_bus_new(&bus);
    sd_bus_set_address(bus, arguments[2]);
    sd_bus_set_bus_client(bus, 1);
    if (sd_bus_start(bus) < 0) return 5;
    if (sd_bus_request_name(bus, "org.freedesktop.systemd1", 0) < 0) return 6;
  } else {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", arguments[2]);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) return 3;
    if (listen(listener, 1) < 0) return 4;
    // Whoever started it goes on once the socket listens.
    if (fork() != 0) return 0;
    // Not inherited by the child of a fork.
    alarm(60);
    int peer = accept(listener, NULL, NULL);
    sd_id128_t id = {{1, 2, 3}};
    // Not before the fork: the library refuses a connection that went through one.
    sd_bus_new(&bus);
    sd_bus_set_fd(bus, peer, peer);
    sd_bus_set_server(bus, 1, id);
    sd_bus_set_anonymous(bus, 1);
    if (sd_bus_start(bus) < 0) return 5;
  }
  for (;;) {
    sd_bus_message *message = NULL;
    int done = sd_bus_process(bus, &message);
    if (done < 0) return 0;
    if (message && sd_bus_message_is_method_call(message, manager, "Subscribe")) {
      sd_bus_reply_method_return(message, "");
      forge_signal(bus, sd_bus_message_get_sender(message));
      send_signals(bus);
      if (strcmp(arguments[1], "bus") != 0) {
        sd_bus_flush(bus);
        return 0;
      }
    }
    if (done == 0 && sd_bus_wait(bus, UINT64_MAX) < 0) return 0;
  }
}
