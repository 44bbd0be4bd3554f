#ifndef EARMARK_CPROCESS_DESCRIPTORS_H
#define EARMARK_CPROCESS_DESCRIPTORS_H

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Two descriptors travel with an order to the server of decoders; Swift imports neither the macros for them nor
   fork. */

union cprocess_pair {
    char space[CMSG_SPACE(2 * sizeof(int))];
    struct cmsghdr aligned;
};

/* Sends `size` bytes, and two descriptors unless `first` is negative. 0 or an errno. */
static inline int cprocess_send(int socket, const void *bytes, size_t size, int first, int second) {
    struct iovec vector = {(void *)bytes, size};
    struct msghdr message = {0};
    union cprocess_pair pair;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    if (first >= 0) {
        memset(&pair, 0, sizeof pair);
        message.msg_control = pair.space;
        message.msg_controllen = sizeof pair.space;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(2 * sizeof(int));
        const int both[2] = {first, second};
        memcpy(CMSG_DATA(head), both, sizeof both);
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)size ? 0 : sent < 0 ? errno : EIO;
}

/* Receives `size` bytes and the descriptors that came with them, -1 if none did. 0, or an errno; EPIPE at the end. */
static inline int cprocess_receive(int socket, void *bytes, size_t size, int *first, int *second) {
    struct iovec vector = {bytes, size};
    struct msghdr message = {0};
    union cprocess_pair pair;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = pair.space;
    message.msg_controllen = sizeof pair.space;
    *first = *second = -1;
    ssize_t received;
    do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
    while (received < 0 && errno == EINTR);
    if (received < 0) return errno;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head != NULL && head->cmsg_type == SCM_RIGHTS && head->cmsg_len == CMSG_LEN(2 * sizeof(int))) {
        int both[2];
        memcpy(both, CMSG_DATA(head), sizeof both);
        *first = both[0];
        *second = both[1];
    }
    return received == (ssize_t)size ? 0 : EPIPE;
}

/* fork(2), for a process of one thread. */
static inline pid_t cprocess_fork(void) { return fork(); }

#endif
