// One post: its words, where it goes, how it looks there, and when.
import {api, newKey} from './api.js';
import {assistantFor} from './assistant.js';
import {button, check, element, field, heading, link, say, select, show} from './dom.js';
import {historyOf} from './history.js';
import {fieldsOf, kept} from './kept.js';
import {Parts} from './parts.js';
import {CHANGEABLE, fail, planControls, stateBadge} from './planning.js';
import {NAMES, PREVIEWED, Previews} from './previews.js';
import {publishedControls} from './published.js';
import {momentText} from './times.js';
import {texts} from './texts.js';

export class Composer {
  #post = null;
  #fields = fieldsOf(null);
  #savedFields = '';
  #key = newKey();
  #triedFields = '';
  #previews = null;
  #isOpen = () => false;
  #saving = Promise.resolve();

  async open([id = ''], parameters, isOpen) {
    const [post, accounts, limits, templates, sets] = await Promise.all([
      id ? api.post(Number(id)) : null, api.accounts(), api.limits(), api.templates(), api.hashtagSets()]);
    if (!isOpen()) return;
    Object.assign(this, {accounts, templates, sets});
    this.#isOpen = isOpen;
    this.#previews = new Previews(limits);
    this.#take(post);
    if (parameters.has('text')) {
      // Shared from elsewhere, such as the chat.
      this.#fields.text = [parameters.get('text'), parameters.get('url')].filter(Boolean).join('\n');
      history.replaceState(null, '', '#compose');
    } else {
      this.#restore();
    }
    this.#show();
  }

  close() {
    this.#previews?.close();
    this.#previews = null;
  }

  // Of this post only its state is shown anew: somebody may be writing.
  async changed(events) {
    const id = this.#post?.post_id;
    if (!id || (events.length > 0 && !events.some(({data}) => Number(data?.post_id) === id))) return;
    const post = await api.post(id).catch(() => null);
    if (post === null || !this.#isOpen() || this.#post?.post_id !== id || post.revision !== this.#post.revision) return;
    this.#post = post;
    this.#showState();
  }

  #take(post) {
    this.#post = post;
    this.#fields = fieldsOf(post);
    this.#savedFields = JSON.stringify(this.#fields);
  }

  get #isChanged() { return JSON.stringify(this.#fields) !== this.#savedFields; }

  #keep() {
    if (this.#isChanged) kept.store(this.#post, this.#fields);
    else kept.forget();
  }

  #restore() {
    const fields = kept.find(this.#post);
    if (fields === null) return;
    this.#fields = fields;
    say(texts.restored);
  }

  #textAt(platform) {
    return this.#fields.versions.find((version) => version.platform === platform)?.text || this.#fields.text;
  }

  #targets() {
    const chosen = this.accounts.filter(({account_id: id}) => this.#fields.account_ids.includes(id));
    if (chosen.length > 0) {
      return chosen.map(({account_id: id, platform, name}) => ({account_id: id, platform, name: name || NAMES[platform]}));
    }
    return PREVIEWED.map((platform) => ({platform, name: NAMES[platform]}));
  }

  #platforms() {
    const chosen = this.accounts.filter(({account_id: id}) => this.#fields.account_ids.includes(id));
    return [...new Set([...chosen.map((one) => one.platform), ...this.#fields.versions.map((version) => version.platform)])];
  }

  #edited() {
    this.#keep();
    this.#previews.update();
  }

  #show() {
    const fields = this.#fields;
    const canChange = !this.#post || CHANGEABLE.has(this.#post.state);
    this.state = element('section', {'aria-label': texts.state, className: 'state'});
    this.versions = element('div');
    this.plan = element('div');
    this.text = element('textarea', {
      name: 'text', rows: 8, value: fields.text, maxLength: 15_000, 'data-key': 'text',
      oninput: () => { fields.text = this.text.value; this.#edited(); },
    });
    const title = element('input', {
      name: 'title', value: fields.title, maxLength: 200, 'data-key': 'title',
      oninput: () => { fields.title = title.value; this.#keep(); },
    });
    const tags = element('input', {
      name: 'tags', value: fields.tags.join(', '), 'data-key': 'tags',
      oninput: () => {
        fields.tags = [...new Set(tags.value.split(',').map((tag) => tag.trim()).filter(Boolean))];
        this.#keep();
      },
    });
    const editor = element('fieldset', {className: 'bare', disabled: !canChange},
      element('legend', {className: 'unseen'}, texts.post),
      field(texts.postTitle, title, texts.titleHint),
      field(texts.text, this.text),
      this.#assistant(),
      this.#helpers(),
      new Parts(fields, () => this.#edited()).root,
      this.#accountChoice(),
      this.versions,
      field(texts.tags, tags, texts.withCommas),
      check(texts.needsApproval, {
        name: 'needs_approval', checked: fields.needs_approval,
        onchange: (event) => { fields.needs_approval = event.target.checked; this.#keep(); },
      }),
      element('div', {className: 'actions'},
        element('button', {type: 'submit', className: 'main', 'data-key': 'save'}, texts.saveDraft)),
      this.plan);
    const form = element('form', {
      onsubmit: (event) => { event.preventDefault(); this.#saved(true); },
      onkeydown: (event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.#saved(true); },
    }, editor);
    show(heading(this.#post ? texts.editPost : texts.newPost), this.state,
      element('div', {className: 'columns'}, form,
        element('section', {'aria-label': texts.previews},
          element('h2', {}, texts.previews), this.#previews.verdict, this.#previews.root)),
      this.#post && historyOf(this.#post, () => this.#fields, (revision) => {
        Object.assign(this.#fields, revision);
        this.#keep();
        this.#show();
      }));
    this.#showVersions();
    this.#showState();
    this.#aim();
  }

  #aim() {
    this.#previews.aim(this.#targets(), (platform) => this.#textAt(platform), () => this.#fields);
  }

  #setText(text) {
    this.text.value = text;
    this.#fields.text = text;
    this.#edited();
  }

  #append(more) {
    this.#setText([this.text.value.trimEnd(), more].filter(Boolean).join('\n\n'));
    this.text.focus();
  }

  #assistant() {
    return assistantFor({
      text: () => this.#fields.text,
      setText: (text) => this.#setText(text),
      setVersion: (platform, text) => {
        this.#fields.versions = [...this.#fields.versions.filter((one) => one.platform !== platform), {platform, text}];
        this.#edited();
        this.#showVersions();
      },
      append: (more) => this.#append(more),
      platforms: () => {
        const platforms = this.#platforms();
        return platforms.length > 0 ? platforms : ['mastodon'];
      },
      account: () => this.#fields.account_ids[0] ?? 0,
    });
  }

  #showState() {
    const post = this.#post;
    const isOpen = this.#isOpen;  // Of this post: meanwhile another one may be.
    this.plan.replaceChildren(planControls(() => this.#saved(false), (planned) => {
      if (!isOpen()) return;
      this.#take(planned);
      this.#keep();
      this.#show();
    }, post));
    if (!post) return this.state.replaceChildren();
    const nameOf = (id, platform) => this.accounts.find((one) => one.account_id === id)?.name || NAMES[platform];
    this.state.replaceChildren(element('p', {}, stateBadge(post), ' ', post.publish_at ? momentText(post.publish_at) : ''),
      ...(post.review_note ? [element('p', {className: 'note'}, texts.reviewerSays(post.review_note))] : []),
      element('ul', {className: 'list'}, (post.results ?? []).map((result) => element('li', {},
        element('span', {className: 'name'}, nameOf(result.account_id, result.platform)),
        result.published && link(result.url, texts.published),
        result.reason ? element('span', {className: 'bad'}, result.reason)
          : !result.published && element('span', {}, texts.states.publishing),
        result.published && result.publication_id && publishedControls(result, nameOf(result.account_id, result.platform),
          this.#textAt(result.platform), () => this.changed([]))))));
  }

  #helpers() {
    const append = (more) => this.#append(more);
    const chooser = (label, options, use) => options.length > 0 && field(label, select(
      [['', texts.choose], ...options.map((one, i) => [i, one.name])], '', {
        onchange: (event) => {
          if (event.target.value !== '') use(options[Number(event.target.value)]);
          event.target.value = '';
        },
      }));
    return element('div', {className: 'pair'},
      chooser(texts.template, this.templates, (template) => append(template.text)),
      chooser(texts.hashtags, this.sets, (set) => append((set.hashtags ?? []).map((tag) => `#${tag}`).join(' '))));
  }

  #accountChoice() {
    const fields = this.#fields;
    return element('fieldset', {},
      element('legend', {}, texts.accountsFor),
      this.accounts.length === 0 && element('p', {}, element('a', {href: '#accounts'}, texts.connectFirst)),
      this.accounts.map((account) => check(
        [account.name, NAMES[account.platform], account.state === 'refused' && texts.accountStates.refused]
          .filter(Boolean).join(' · '), {
          name: `account ${account.account_id}`, checked: fields.account_ids.includes(account.account_id),
          onchange: (event) => {
            fields.account_ids = fields.account_ids.filter((id) => id !== account.account_id);
            if (event.target.checked) fields.account_ids.push(account.account_id);
            this.#keep();
            this.#showVersions();
            this.#aim();
          },
        })));
  }

  #showVersions() {
    const fields = this.#fields;
    this.versions.replaceChildren(...this.#platforms().map((platform) => {
      const version = fields.versions.find((one) => one.platform === platform);
      return element('div', {},
        check(texts.ownText(NAMES[platform]), {
          name: `own ${platform}`, checked: version !== undefined,
          onchange: (event) => {
            fields.versions = fields.versions.filter((one) => one.platform !== platform);
            if (event.target.checked) fields.versions.push({platform, text: fields.text});
            this.#edited();
            this.#showVersions();
            this.versions.querySelector(`[name="${event.target.checked ? 'text' : 'own'} ${platform}"]`)?.focus();
          },
        }),
        version && element('textarea', {
          name: `text ${platform}`, rows: 5, value: version.text, maxLength: 15_000, 'aria-label': texts.textFor(NAMES[platform]),
          oninput: (event) => { version.text = event.target.value; this.#edited(); },
        }));
    }));
  }

  // The post as it is kept, saved first where it has changes; null when that failed. One after the other: who saves twice
  // makes one draft.
  #saved(isAsked) {
    const isOpen = this.#isOpen;
    this.#saving = this.#saving.then(() => (isOpen() ? this.#save(isAsked, isOpen) : null));
    return this.#saving;
  }

  async #save(isAsked, isOpen) {
    if (this.#post && !this.#isChanged) {
      if (isAsked) say(texts.saved);
      return this.#post;
    }
    const now = JSON.stringify(this.#fields);
    const fields = {...JSON.parse(now), versions: this.#fields.versions.filter((version) => version.text.trim()),
      thread: this.#fields.thread.filter((part) => part.trim())};
    const before = this.#post;
    const isNew = !before;
    let post;
    try {
      // The same try again makes no second draft; another text is another draft.
      if (isNew && this.#triedFields && this.#triedFields !== now) this.#key = newKey();
      this.#triedFields = now;
      post = isNew ? await api.create(fields, this.#key) : await api.update(before.post_id, fields, before.revision);
    } catch (error) {
      if (fail(error) && !isNew && isOpen()) this.#offerTheirs();
      return null;
    }
    if (isNew) {
      this.#key = newKey();
      this.#triedFields = '';
    }
    say(texts.saved);
    if (!isOpen()) {
      if (kept.find(before) !== null) kept.forget();
      return post;
    }
    this.#post = post;
    // What was typed meanwhile is a change still.
    this.#savedFields = now;
    this.#keep();
    if (isNew) history.replaceState(null, '', `#compose/${post.post_id}`);
    this.#showState();
    return post;
  }

  #offerTheirs() {
    const isOpen = this.#isOpen;
    const meeting = (use) => async () => {
      try {
        const theirs = await api.post(this.#post.post_id);
        if (isOpen()) await use(theirs);
      } catch (error) {
        fail(error);
      }
    };
    this.state.replaceChildren(element('div', {className: 'note', role: 'alert'},
      element('p', {}, texts.changedElsewhere),
      element('div', {className: 'actions'},
        button(texts.takeTheirs, meeting((theirs) => {
          this.#take(theirs);
          this.#keep();
          this.#show();
        })),
        button(texts.keepMine, meeting((theirs) => {
          this.#post = theirs;
          this.#savedFields = JSON.stringify(fieldsOf(theirs));
          return this.#saved(true);
        })))));
  }
}
