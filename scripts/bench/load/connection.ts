import { connect, type Socket } from "node:net";

/**
 * One keep-alive connection over a bare socket, one request at a time: on a small machine the generator's own cost is part
 * of the picture, and an HTTP client costs as much as the server it measures. answered gets the status, 0 for a broken connection.
 */
export class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received = "";
  #answered: ((status: number) => void) | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  send(request: Buffer, answered: (status: number) => void): void {
    this.#answered = answered;
    this.#socket ??= this.#open();
    this.#socket.write(request);
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect({ host: "127.0.0.1", port: this.#port, noDelay: true });
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => this.#take(chunk));
    // Told by the close that follows it.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#end(0);
    });
    return socket;
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1] ?? 0);
    if (this.#received.length >= headEnd + 4 + length) this.#end(Number(this.#received.slice(9, 12)));
  }

  #end(status: number): void {
    const answered = this.#answered;
    this.#answered = undefined;
    this.#received = "";
    answered?.(status);
  }
}
