// What was written and is not saved yet, through a reload or a new login in this tab.

const STORED = 'studio draft';

// What a person writes of a post; of none: nothing yet.
export const fieldsOf = (post) => structuredClone({
  title: post?.title ?? '', text: post?.text ?? '', versions: post?.versions ?? [], account_ids: post?.account_ids ?? [],
  tags: post?.tags ?? [], needs_approval: post?.needs_approval ?? false,
  thread: post?.thread ?? [], first_comment: post?.first_comment ?? '', media: post?.media ?? [],
});

export const kept = {
  store(post, fields) {
    try {
      sessionStorage.setItem(STORED, JSON.stringify({id: post?.post_id ?? 0, revision: post?.revision ?? 0, fields}));
    } catch {
      // Without storage it lasts as long as the view.
    }
  },

  forget() {
    try {
      sessionStorage.removeItem(STORED);
    } catch {
      // Nothing was kept, then.
    }
  },

  // What was written of this post as it is; null: nothing.
  find(post) {
    try {
      const {id, revision, fields} = JSON.parse(sessionStorage.getItem(STORED) ?? '{}');
      return id === (post?.post_id ?? 0) && revision === (post?.revision ?? 0) ? {...fieldsOf(null), ...fields} : null;
    } catch {
      return null;  // Something else's.
    }
  },
};
