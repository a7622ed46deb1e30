// Stands in for systemd: LoadUnit, Get and SetUnitProperties of units, one D-Bus peer after the
// other on a socket, with libsystemd's own server side. Ends after twenty seconds.
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
sd_bus *sd_bus_flush_close_unref(sd_bus *);
int sd_bus_message_is_method_call(sd_bus_message *, const char *, const char *);
const char *sd_bus_message_get_path(sd_bus_message *);
int sd_bus_message_new_method_return(sd_bus_message *, sd_bus_message **);
int sd_bus_message_append(sd_bus_message *, const char *, ...);
int sd_bus_message_append_array(sd_bus_message *, char, const void *, size_t);
int sd_bus_message_read(sd_bus_message *, const char *, ...);
int sd_bus_message_read_array(sd_bus_message *, char, const void **, size_t *);
int sd_bus_message_open_container(sd_bus_message *, char, const char *);
int sd_bus_message_close_container(sd_bus_message *);
int sd_bus_message_enter_container(sd_bus_message *, char, const char *);
int sd_bus_message_exit_container(sd_bus_message *);
int sd_bus_reply_method_errorf(sd_bus_message *, const char *, const char *, ...);

static uint8_t cpus[64];
static size_t cpus_size;

static void answer(sd_bus *bus, sd_bus_message *call) {
  const char *manager = "org.freedesktop.systemd1.Manager";
  sd_bus_message *reply = NULL;
  if (sd_bus_message_is_method_call(call, manager, "LoadUnit")) {
    const char *unit = NULL;
    sd_bus_message_read(call, "s", &unit);
    if (strcmp(unit, "gone.scope") == 0) {
      // systemd loads what is not there as well, and says so in LoadState.
      sd_bus_message_new_method_return(call, &reply);
      sd_bus_message_append(reply, "o", "/org/freedesktop/systemd1/unit/gone_2escope");
      sd_bus_send(bus, reply, NULL);
      return;
    }
    if (strcmp(unit, "a-b.slice") != 0) {
      sd_bus_reply_method_errorf(
          call, "org.freedesktop.systemd1.NoSuchUnit", "Unit %s not found.", unit);
      return;
    }
    sd_bus_message_new_method_return(call, &reply);
    sd_bus_message_append(reply, "o", "/org/freedesktop/systemd1/unit/a_2db_2eslice");
  } else if (sd_bus_message_is_method_call(call, "org.freedesktop.DBus.Properties", "Get")) {
    const char *interface = NULL, *property = NULL;
    sd_bus_message_read(call, "ss", &interface, &property);
    if (strcmp(property, "LoadState") == 0) {
      sd_bus_message_new_method_return(call, &reply);
      int known = strstr(sd_bus_message_get_path(call), "a_2db") != NULL;
      sd_bus_message_append(reply, "v", "s", known ? "loaded" : "not-found");
      sd_bus_send(bus, reply, NULL);
      return;
    }
    if (strcmp(interface, "org.freedesktop.systemd1.Slice") != 0) {
      sd_bus_reply_method_errorf(
          call, "org.freedesktop.DBus.Error.UnknownInterface", "No %s.", interface);
      return;
    }
    sd_bus_message_new_method_return(call, &reply);
    if (strcmp(property, "AllowedCPUs") == 0) {
      sd_bus_message_open_container(reply, 'v', "ay");
      sd_bus_message_append_array(reply, 'y', cpus, cpus_size);
      sd_bus_message_close_container(reply);
    } else {
      sd_bus_message_append(reply, "v", "s", "/a.slice/a-b.slice");
    }
  } else if (sd_bus_message_is_method_call(call, manager, "SetUnitProperties")) {
    const char *unit = NULL, *property = NULL;
    int runtime = 0;
    const void *bytes = NULL;
    size_t size = 0;
    sd_bus_message_read(call, "sb", &unit, &runtime);
    sd_bus_message_enter_container(call, 'a', "(sv)");
    sd_bus_message_enter_container(call, 'r', "sv");
    sd_bus_message_read(call, "s", &property);
    sd_bus_message_enter_container(call, 'v', "ay");
    if (!runtime || sd_bus_message_read_array(call, 'y', &bytes, &size) < 0 ||
        strcmp(property, "AllowedCPUs") != 0 || size > sizeof cpus) {
      sd_bus_reply_method_errorf(call, "org.example.No", "Cannot set property.");
      return;
    }
    if (size) memcpy(cpus, bytes, size);
    cpus_size = size;
    sd_bus_message_new_method_return(call, &reply);
  } else {
    sd_bus_reply_method_errorf(call, "org.example.No", "No such method.");
    return;
  }
  sd_bus_send(bus, reply, NULL);
}

int main(int count, char **arguments) {
  alarm(60);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (count != 2) return 2;
  strncpy(address.sun_path, arguments[1], sizeof address.sun_path - 1);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) return 3;
  if (listen(listener, 4) < 0) return 4;
  if (fork() != 0) return 0;
  for (;;) {
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
      if (done < 0) break;
      if (message) answer(bus, message);
      if (done == 0 && sd_bus_wait(bus, UINT64_MAX) < 0) break;
    }
    sd_bus_flush_close_unref(bus);
  }
}
