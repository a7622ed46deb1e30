package import Base
internal import CLinux
internal import Glibc

/// What the program's standard streams are connected to.
package enum Terminal {
  /// Whether a descriptor is a terminal: 0 input, 1 output, 2 errors.
  package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Columns and rows of the terminal behind a descriptor; nil when it is none or will not say.
  package static func size(_ descriptor: Int32 = 1) -> (columns: Int, rows: Int)? {
    var columns: UInt16 = 0
    var rows: UInt16 = 0
    guard unsafe tbx_window_size(descriptor, &columns, &rows) == 0, columns > 0, rows > 0
    else { return nil }
    return (Int(columns), Int(rows))
  }

  /// The value of an environment variable.
  package static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  /// Writes all bytes to a descriptor.
  /// - Throws: `Failure` with the errno of `write`, for example EPIPE or ENOSPC.
  package static func write(_ text: String, to descriptor: Int32 = 1) throws(Failure) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw Failure("write output", Errno(errno))
      }
      rest = rest.dropFirst(written)
    }
  }
}

/// A terminal taken over for a full-screen view: alternate screen, no echo, hidden cursor. Put
/// back when the value goes away, whatever ended the view: a key, a signal or an error.
package struct FullScreen: ~Copyable {
  /// Why the wait for something to do ended.
  package enum Event: Sendable {
    /// A key was pressed.
    case key(UInt8)
    /// The terminal has another size.
    case resized
    /// A signal asks the program to end; its number.
    case terminate(Int32)
    /// The program was stopped (Ctrl-Z) and goes on: redraw everything.
    case resumed
    /// The time is up.
    case timeout
  }

  private let signals: Int32
  private var original: termios

  /// Takes the terminal over.
  /// - Throws: `Failure` when input or output is no terminal.
  package static func open() throws(Failure) -> FullScreen {
    var original = termios()
    guard unsafe tcgetattr(0, &original) == 0 else {
      throw Failure("read terminal settings", Errno(errno))
    }
    let signals = tbx_screen_signals()
    guard signals >= 0 else { throw Failure("catch signals", Errno(errno)) }
    let screen = FullScreen(signals: signals, original: original)
    screen.enter()
    return screen
  }

  private init(signals: Int32, original: termios) {
    self.signals = signals
    self.original = original
  }

  deinit {
    FullScreen.leave(original)
    close(signals)
    tbx_screen_signals_restore()
  }

  private func enter() {
    var raw = original
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
    unsafe _ = tcsetattr(0, TCSANOW, &raw)
    try? Terminal.write("\u{1b}[?1049h\u{1b}[?25l\u{1b}[H\u{1b}[2J")
  }

  private static func leave(_ original: termios) {
    var settings = original
    try? Terminal.write("\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l")
    unsafe _ = tcsetattr(0, TCSANOW, &settings)
  }

  /// Waits for a key, a signal, or the given time.
  package func wait(milliseconds: Int) -> Event {
    let ready = tbx_wait_input(0, signals, Int32(clamping: milliseconds))
    if ready < 0 { return .terminate(SIGHUP) }
    if ready & 2 != 0 {
      switch tbx_next_signal(signals) {
      case SIGWINCH: return .resized
      case SIGTSTP:
        stop()
        return .resumed
      case SIGCONT, 0: return .resumed
      case let number: return .terminate(number)
      }
    }
    if ready & 1 != 0 {
      var key: UInt8 = 0
      // End of input: the terminal is gone.
      return unsafe read(0, &key, 1) == 1 ? .key(key) : .terminate(SIGHUP)
    }
    return .timeout
  }

  /// Leaves the screen, stops as Ctrl-Z asks, and comes back.
  private func stop() {
    FullScreen.leave(original)
    raise(SIGSTOP)
    enter()
  }
}
