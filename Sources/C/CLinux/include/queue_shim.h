// rtnetlink(7), RTM_GETQDISC: the discipline by which an interface queues what it sends. Linux/QueueDiscipline.
#pragma once
#include <errno.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/// The name in one message of a dump, where it is about the root of this interface. 1 when it was found.
static inline int tbx_queue_name(const struct nlmsghdr *head, int interface, char *name, size_t size) {
  if (head->nlmsg_type != RTM_NEWQDISC || head->nlmsg_len < NLMSG_LENGTH(sizeof(struct tcmsg))) return 0;
  const struct tcmsg *message = (const struct tcmsg *)NLMSG_DATA(head);
  if (message->tcm_ifindex != interface || message->tcm_parent != TC_H_ROOT) return 0;
  int left = (int)(head->nlmsg_len - NLMSG_LENGTH(sizeof(struct tcmsg)));
  const struct rtattr *part =
      (const struct rtattr *)((const char *)message + NLMSG_ALIGN(sizeof(struct tcmsg)));
  for (; RTA_OK(part, left); part = RTA_NEXT(part, left)) {
    if (part->rta_type != TCA_KIND) continue;
    size_t length = RTA_PAYLOAD(part);
    if (length >= size) length = size - 1;
    memcpy(name, RTA_DATA(part), length);
    name[length] = 0;
    return 1;
  }
  return 0;
}

/// Reads a dump to its end, so that nothing of it waits when the socket is closed.
static inline int tbx_read_queues(int descriptor, int interface, char *name, size_t size) {
  _Alignas(struct nlmsghdr) char answer[32768];
  int found = 0;
  while (1) {
    ssize_t count = recv(descriptor, answer, sizeof answer, 0);
    if (count < 0) return -1;
    unsigned int left = (unsigned int)count;
    for (const struct nlmsghdr *head = (const struct nlmsghdr *)answer; NLMSG_OK(head, left);
         head = NLMSG_NEXT(head, left)) {
      if (head->nlmsg_type == NLMSG_DONE || head->nlmsg_type == NLMSG_ERROR) {
        if (found) return 0;
        errno = ENOENT;
        return -1;
      }
      if (!found) found = tbx_queue_name(head, interface, name, size);
    }
    if (count == 0) return -1;
  }
}

/// Name of the root discipline of an interface, by its index. -1 with errno. A dump, as tc(8) asks for: a
/// question for one discipline is answered to all who listen, and not to who asks.
static inline int tbx_root_queue(int interface, char *name, size_t size) {
  int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (descriptor < 0) return -1;
  struct timeval limit = {.tv_sec = 2};
  struct {
    struct nlmsghdr head;
    struct tcmsg message;
  } request;
  memset(&request, 0, sizeof request);
  request.head.nlmsg_len = NLMSG_LENGTH(sizeof request.message);
  request.head.nlmsg_type = RTM_GETQDISC;
  request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.message.tcm_family = AF_UNSPEC;
  request.message.tcm_ifindex = interface;
  struct sockaddr_nl kernel;
  memset(&kernel, 0, sizeof kernel);
  kernel.nl_family = AF_NETLINK;
  int status = -1;
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
      sendto(descriptor, &request, request.head.nlmsg_len, 0, (struct sockaddr *)&kernel,
             sizeof kernel) >= 0)
    status = tbx_read_queues(descriptor, interface, name, size);
  int failure = errno;
  close(descriptor);
  errno = failure;
  return status;
}
