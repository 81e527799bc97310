<?php
// Makes a site of the copy of WordPress that this stands in: studio_wordpress.php ADDRESS
// wp-config.php is there. Says as JSON the application passwords of an author, a subscriber and one to be taken back.
$_SERVER['HTTP_HOST'] = parse_url($argv[1], PHP_URL_HOST) . ':' . parse_url($argv[1], PHP_URL_PORT);
define('WP_INSTALLING', true);
require __DIR__ . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

wp_install('Studio', 'editor', 'editor@studio.example', true, '', wp_generate_password(24));
update_option('siteurl', $argv[1]);
update_option('home', $argv[1]);
// Whoever has an account comments at once.
update_option('comment_moderation', 0);
update_option('comment_previously_approved', 0);
$said = [];
foreach (['author' => 'author', 'subscriber' => 'subscriber', 'leaver' => 'author'] as $login => $role) {
  $id = wp_insert_user(['user_login' => $login, 'user_pass' => wp_generate_password(24), 'user_email' => "$login@studio.example",
    'display_name' => ucfirst($login), 'role' => $role]);
  [$password] = WP_Application_Passwords::create_new_application_password($id, ['name' => 'Studio']);
  $said[$login] = ['id' => $id, 'password' => WP_Application_Passwords::chunk_password($password)];
}
echo json_encode($said), "\n";
