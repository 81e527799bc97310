// English.

const plural = (count, one, other) => `${count} ${count === 1 ? one : other}`;

export const en = {
  language: 'en',
  title: 'Studio',
  skipToContent: 'Skip to content',
  tabs: {
    compose: 'Write', drafts: 'Posts', calendar: 'Calendar', queue: 'Queue', approvals: 'Approvals', accounts: 'Accounts',
    results: 'Results',
  },
  states: {
    draft: 'draft', in_review: 'waits for approval', approved: 'approved', scheduled: 'planned', publishing: 'on its way',
    published: 'published', partly_published: 'partly published', failed: 'refused',
  },
  accountStates: {connected: 'connected', refused: 'connect it again'},
  units: {code_points: 'characters', graphemes: 'characters', weighted: 'weighted characters', utf16: 'characters (UTF-16)'},
  // Composer.
  newPost: 'New post', editPost: 'Post', post: 'Post', postTitle: 'Title', titleHint: 'Only you see it.', text: 'Text',
  tags: 'Tags',
  withCommas: 'With commas between.', needsApproval: 'Has to be approved before it is planned', saveDraft: 'Save (Ctrl+Enter)',
  accountsFor: 'Where to', connectFirst: 'Connect an account first', ownText: (name) => `Another text for ${name}`,
  textFor: (name) => `Text for ${name}`, template: 'Insert a template', hashtags: 'Insert hashtags', choose: 'Choose…',
  previews: 'Previews', lengthOf: (length, most, unit) => `${length} of ${most} ${unit}`, lengthAt: (name) => `Length at ${name}`,
  fits: 'It fits everywhere.', doesNotFit: (names) => `It does not fit: ${names.join(', ')}`,
  notChecked: 'No connection: the lengths are not checked.', limits: 'Limits', source: 'source',
  atMost: (count, unit) => `at most ${count} ${unit}`, bytes: (count) => `${count} bytes`,
  linksCount: (count) => `a link counts ${count}`,
  images: (count) => plural(count, 'picture', 'pictures'), limitsOnly: 'Nothing is published there yet.',
  plan: 'When', publishAt: 'Day and time', schedule: 'Plan', nextSlot: 'Next free slot', publishNow: 'Publish now',
  unschedule: 'Take out of the plan', submit: 'Ask for approval', chooseTime: 'Choose a day and a time.',
  inThePast: 'That time has passed.', scheduledFor: (moment) => `Planned: ${moment}`, onItsWay: 'It is on its way.',
  unscheduled: 'Taken out of the plan', submitted: 'It waits for approval', saved: 'Saved',
  restored: 'Your unsaved changes are back.',
  reviewerSays: (note) => `The reviewer says: ${note}`, state: 'State', published: 'published', refused: 'refused',
  changedElsewhere: 'This post was changed elsewhere meanwhile.', takeTheirs: 'Show that one', keepMine: 'Keep mine',
  revisions: 'Earlier versions', bringBack: 'Bring back', broughtBack: 'Brought back; save it to keep it.',
  keepAsTemplate: 'Keep as a template', remove: 'Delete', reallyRemove: 'Really delete?', removed: 'Deleted',
  untitled: 'Untitled',
  // Lists.
  allStates: 'all', noPosts: 'There is nothing.', write: 'Write a post', more: 'Show more', importing: 'Import a table',
  importHint: 'CSV with a header. Columns: text, and, if you like, title, publish_at (2026-11-30 18:00), accounts, tags. All rows or none.',
  csvFile: 'CSV file', import: 'Import', tooLarge: 'The file is larger than 1 MB.', inRow: (row, issue) => `Row ${row}: ${issue}`,
  imported: (count) => `${plural(count, 'post', 'posts')} imported`,
  // Calendar.
  month: 'Month', week: 'Week', today: 'Today', earlier: 'Earlier', later: 'Later', shownTime: 'What is shown',
  weekOf: (day) => `Week from ${day}`, ics: 'For calendar programs (.ics)',
  movingHint: 'Drag a planned post to another day. Or with keys: M takes it up, arrows move it by days and weeks, Page Up and Page Down by hours, Enter puts it down, Escape leaves it.',
  takenUp: 'Taken up. Arrows and Page Up or Page Down move it, Enter puts it down, Escape leaves it.',
  leftThere: 'It stays where it was.', movedTo: (title, moment) => `${title}: ${moment}`,
  // Queue.
  nothingPlanned: 'Nothing is planned.', freeNext: (moments) => `Next free slots: ${moments.join('; ')}`,
  slots: 'Slots of the week',
  noSlots: 'There are no slots yet.', removeSlot: (name) => `Remove the slot ${name}`, weekday: 'Day', time: 'Time',
  addSlot: 'Add a slot',
  timeZone: 'Time zone', save: 'Save',
  // Approvals.
  whosePosts: 'Whose posts', whoseHint: 'The number of a person; empty: yours. Others’ need the role of a manager.',
  showThem: 'Show',
  nothingWaits: 'Nothing waits for approval.', changedAt: (moment) => `Changed ${moment}.`, note: 'What do you say to it?',
  approve: 'Approve', sendBack: 'Send back', approved: 'Approved', sentBack: 'Sent back',
  // Accounts.
  noAccounts: 'No account is connected yet.', connect: 'Connect an account', connectAgain: 'Connect again',
  since: (moment) => `since ${moment}`,
  disconnect: 'Disconnect', reallyDisconnect: 'Really disconnect?', disconnected: 'Disconnected', platform: 'Platform',
  connected: (name) => `${name} is connected`, stuck: 'Waiting',
  unknownOutcome: 'It is not known whether it was published. Look there.',
  itIsThere: 'It is there', itIsNot: 'It is not there, send it again',
  needs: {
    telegram: {target: 'Channel (@name or number)', secret: 'Token of the bot, an administrator of the channel'},
    mastodon: {server: 'Server (https://…)', secret: 'Access token (read, write:statuses)'},
    bluesky: {login: 'Handle', secret: 'App password', server: 'Server, unless it is Bluesky’s own'},
    wordpress: {server: 'Site (https://…)', login: 'User name', secret: 'Application password'},
  },
  // Results.
  period: 'Posts of the last', lastDays: (count) => plural(count, 'day', 'days'), noResults: 'Nothing was published yet.',
  reactionsByPlatform: 'Reactions by platform', postsByPlatform: 'Posts by platform',
  reactionsByAccount: 'Reactions by account, of all time',
  postsByState: 'Posts by state', posts: 'posts', likes: 'likes', reposts: 'reposts', replies: 'replies', best: 'Best posts',
  numbersOf: (likes, reposts, replies) => `${plural(likes, 'like', 'likes')}, ${plural(reposts, 'repost', 'reposts')}, ${plural(replies, 'reply', 'replies')}`,
  asTable: 'As a table',
  // Events, said when they happen.
  events: {
    'social.post.published': 'A post was published.', 'social.post.refused': 'A platform refused a post.',
    'social.account.refused': 'A platform refuses an account: connect it again.',
  },
  // Login and failures.
  logIn: 'Log in', logOut: 'Log out', email: 'E-mail', password: 'Password', code: 'Code of your authenticator, if you have one',
  expired: 'The session has ended. Log in again.', offline: 'No connection. Try again later.', retry: 'Try again',
  notAllowed: 'You may not do that: it needs another role.',
};
