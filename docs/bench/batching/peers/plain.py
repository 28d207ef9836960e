"""Plain diffusers behind the standard library's HTTP server: one thread paints, first come, first served."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from docs.bench.batching.peers import painting

painter = ThreadPoolExecutor(1)
# In the thread that paints: were this one to compute, too, OpenMP would have more threads than there are
# cores, wait badly between any two loops, and nearly double the time of a picture.
pipeline = painter.submit(painting.load).result()


class Handler(BaseHTTPRequestHandler):
    """A thread for each connection; the picture's PNG is made there, while the next one is painted."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        image = painter.submit(painting.paint, pipeline, [body]).result()[0]
        content = painting.png(image)
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Says nothing: the others' access logs are off too."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
