/* http.c - just enough HTTP/1.1 for the example.  Nothing in here is about
 * processes; begin with prefork.c. */
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A client that sends nothing must not keep a worker. */
enum { PATIENCE_MS = 5000, HEAD_MAX = 4096 };

int
http_listen(unsigned short *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(*port);
	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, length) != 0 ||
	    listen(fd, 512) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	*port = ntohs(address.sin_port);
	return fd;
}

/* Receive until the empty line. */
static int
read_head(int fd, char *head, size_t size)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	size_t got = 0;
	ssize_t n;
	int ready;

	head[0] = '\0';
	while (strstr(head, "\r\n\r\n") == NULL) {
		ready = poll(&wait, 1, PATIENCE_MS);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0 || got + 1 >= size)
			return -1;
		n = recv(fd, head + got, size - got - 1, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		got += (size_t)n;
		head[got] = '\0';
	}
	return 0;
}

int
http_read(int connection, char *target, unsigned size)
{
	char head[HEAD_MAX];
	const char *end;

	if (read_head(connection, head, sizeof(head)) != 0 ||
	    strncmp(head, "GET ", 4) != 0)
		return -1;
	end = strchr(head + 4, ' ');
	if (end == NULL || (size_t)(end - head - 4) >= size)
		return -1;
	memcpy(target, head + 4, (size_t)(end - head - 4));
	target[end - head - 4] = '\0';
	return 0;
}

/* No SIGPIPE when the client has gone. */
static void
send_all(int fd, const char *data, size_t size)
{
	ssize_t n;

	while (size > 0) {
		n = send(fd, data, size, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		data += n;
		size -= (size_t)n;
	}
}

void
http_answer(int connection, const char *status, const char *type,
    const char *body)
{
	char head[256];
	int n = snprintf(head, sizeof(head),
	    "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n", status, type, strlen(body));

	send_all(connection, head, (size_t)n);
	send_all(connection, body, strlen(body));
}
