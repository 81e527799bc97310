// Telegram's bridge to mini apps, without Telegram's script: events go out by whichever way the app has, and nothing
// waits for an answer, so that the page works in a plain browser, too.
// Source: https://core.telegram.org/bots/webapps, https://docs.telegram-mini-apps.com/platform/methods

const STORED = 'launch';

// Of the address, or of the same tab before it was loaded anew.
function readLaunch() {
  const hash = location.hash.slice(1);
  let kept = '';
  try {
    if (hash.includes('tgWebApp')) sessionStorage.setItem(STORED, hash);
    kept = sessionStorage.getItem(STORED) ?? '';
  } catch {
    // A frame without storage.
  }
  return new URLSearchParams(hash.includes('tgWebApp') ? hash : kept);
}

const COLOURS = {
  '--background': 'bg_color',
  '--panel': 'secondary_bg_color',
  '--text': 'text_color',
  '--hint': 'subtitle_text_color',
  '--link': 'link_color',
  '--button': 'button_color',
  '--button-text': 'button_text_color',
  '--bad': 'destructive_text_color',
};

class Telegram {
  #launch = readLaunch();
  #listeners = new Map();
  #back = null;

  constructor() {
    const receive = (type, data) => this.#receive(type, data);
    // By these names the apps for phones and desktops call the page.
    window.Telegram = {WebView: {receiveEvent: receive}};
    window.TelegramGameProxy = {receiveEvent: receive};
    window.TelegramGameProxy_receiveEvent = receive;
    window.addEventListener('message', (event) => {
      if (event.source !== window.parent || window.parent === window) return;
      try {
        const message = JSON.parse(event.data);
        if (typeof message.eventType === 'string') receive(message.eventType, message.eventData);
      } catch {
        // Not of the bridge.
      }
    });
    this.on('theme_changed', (data) => this.#useTheme(data?.theme_params));
    this.on('viewport_changed', (data) => this.#useViewport(data));
    this.on('safe_area_changed', (data) => this.#useInsets(data));
    this.on('content_safe_area_changed', (data) => this.#useInsets(data));
    this.on('back_button_pressed', () => this.#back?.());
  }

  // Whether Telegram, or our chat page, shows it.
  get isInside() { return this.#launch.has('tgWebAppData'); }
  get initData() { return this.#launch.get('tgWebAppData') ?? ''; }
  get platform() { return this.#launch.get('tgWebAppPlatform') ?? 'web'; }
  get language() { return this.#user.language_code ?? ''; }
  get userId() { return this.#user.id ?? 0; }
  get startParameter() {
    return this.#launch.get('tgWebAppStartParam') ?? new URLSearchParams(location.search).get('startapp') ?? '';
  }

  // Unchecked: the server looks at the signature.
  get #user() {
    try {
      return JSON.parse(new URLSearchParams(this.initData).get('user') ?? '{}');
    } catch {
      return {};
    }
  }

  start() {
    if (!this.isInside) return;
    try {
      this.#useTheme(JSON.parse(this.#launch.get('tgWebAppThemeParams') ?? '{}'));
    } catch {
      // Our own colours are good, too.
    }
    this.#post('web_app_ready');
    this.#post('web_app_expand');
    this.#post('web_app_request_theme');
    this.#post('web_app_request_viewport');
    this.#post('web_app_request_safe_area');
    this.#post('web_app_request_content_safe_area');
  }

  on(type, listener) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  // The button in Telegram's header; null hides it.
  setBack(action) {
    this.#back = action;
    this.#post('web_app_setup_back_button', {is_visible: action !== null});
  }

  // The large button below the page; null hides it. Pressing it is the event "main_button_pressed".
  setMain(text) {
    this.#post('web_app_setup_main_button', text === null
      ? {is_visible: false}
      : {is_visible: true, is_active: true, text});
  }

  // "light", "medium" or "heavy".
  impact(style) {
    this.#post('web_app_trigger_haptic_feedback', {type: 'impact', impact_style: style});
  }
  // "success", "warning" or "error".
  notify(style) {
    this.#post('web_app_trigger_haptic_feedback', {type: 'notification', notification_type: style});
  }

  // While something is not sent yet, Telegram asks before it closes the page.
  confirmClosing(isNeeded) {
    this.#post('web_app_setup_closing_behavior', {need_confirmation: isNeeded});
  }

  open(url) {
    if (!this.isInside) return false;
    const link = new URL(url);
    if (link.hostname === 't.me') {
      this.#post('web_app_open_tg_link', {path_full: link.pathname + link.search});
    } else {
      this.#post('web_app_open_link', {url});
    }
    return true;
  }

  #post(type, data = {}) {
    if (!this.isInside) return;
    const text = JSON.stringify(data);
    if (window.TelegramWebviewProxy) window.TelegramWebviewProxy.postEvent(type, text);
    else if (window.external && 'notify' in window.external) {
      window.external.notify(JSON.stringify({eventType: type, eventData: data}));
    } else if (window.parent !== window) {
      // Nothing of it is secret, and Telegram's clients have several origins.
      window.parent.postMessage(JSON.stringify({eventType: type, eventData: data}), '*');
    }
  }

  #receive(type, data) {
    for (const listener of this.#listeners.get(type) ?? []) listener(data);
  }

  #useTheme(theme) {
    if (!theme || typeof theme !== 'object') return;
    const style = document.documentElement.style;
    for (const [variable, name] of Object.entries(COLOURS)) {
      const colour = theme[name] ?? (name === 'subtitle_text_color' ? theme.hint_color : undefined);
      if (/^#[0-9a-f]{6}$/i.test(colour ?? '')) style.setProperty(variable, colour);
    }
    if (/^#[0-9a-f]{6}$/i.test(theme.bg_color ?? '')) {
      const [red, green, blue] = [1, 3, 5].map((at) => parseInt(theme.bg_color.slice(at, at + 2), 16));
      const isDark = red * 0.299 + green * 0.587 + blue * 0.114 < 128;
      style.colorScheme = isDark ? 'dark' : 'light';
      style.setProperty('--line', isDark ? '#ffffff26' : '#00000021');
      style.setProperty('--good', isDark ? '#6fcf8f' : '#17713a');
    }
  }

  #useViewport(data) {
    if (data?.is_state_stable && data.height > 0) {
      document.documentElement.style.setProperty('--viewport', `${data.height}px`);
    }
  }

  #useInsets(data) {
    const style = document.documentElement.style;
    if (data?.top >= 0) style.setProperty('--inset-top', `${data.top}px`);
    if (data?.bottom >= 0) style.setProperty('--inset-bottom', `${data.bottom}px`);
  }
}

export const telegram = new Telegram();
