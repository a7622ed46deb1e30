internal import HTTPService

/// The page on which a browser shows a token. Nothing in it comes from a request.
enum LoginPage {
  static func answer(cause: String?) -> HTTPResponse {
    let note = cause.map { "<p role=\"alert\"><strong>Not let in: \($0).</strong></p>" } ?? ""
    let page = """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <meta name="color-scheme" content="light dark">
      <title>tinybox</title>
      <main>
      <h1>tinybox</h1>
      \(note)
      <form method="post" action="/login">
      <p><label>Token<br><input name="token" type="password" size="56" required autofocus \
      autocomplete="current-password"></label></p>
      <p><button>Sign in</button></p>
      </form>
      <p>On the machine, <code>sudo tinyboxctl token create NAME</code> makes one.</p>
      </main>
      </html>

      """
    return HTTPResponse(
      status: 401,
      headers: [
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy":
          "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        // With no-referrer browsers send the form with 'Origin: null', which is refused.
        "Referrer-Policy": "same-origin",
      ], body: .bytes(Array(page.utf8)))
  }
}
